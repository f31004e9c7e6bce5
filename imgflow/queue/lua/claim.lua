#!lua flags=allow-oom
-- Claim jobs for a worker. The same nonce again gives the same jobs: a lost reply loses nothing.
-- ARGV: worker, nonce, most, lease, slots, worker_ttl, results_ttl, dead_ttl, dedupe_window
-- Returns (id, run, priority, recipe, payload, retries, kills, losses, batch)*
local worker, nonce, most, lease = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local times = {tonumber(ARGV[7]), tonumber(ARGV[8]), tonumber(ARGV[9])}
local worker_key = root .. 'w:' .. worker
local WHEEL = 'hhnhhhnhhnhl'
local ORDERS = {h = {'h', 'n', 'l'}, n = {'n', 'h', 'l'}, l = {'l', 'h', 'n'}}
local MOST_DROPPED = 200
local replies = {}

local function reply(id)
    local key = job_key(id)
    local v = redis.call('HMGET', key, 'n', 'p', 'recipe', 't', 'k', 'l', 'batch', 'i',
        'i0', 'i1', 'i2', 'i3', 'i4', 'i5', 'i6', 'i7')
    local payload = v[8] or ''
    for index = 9, 16 do
        payload = payload .. (v[index] or '')
    end
    for _, value in ipairs({id, v[1], v[2] or 'n', v[3], payload, v[4] or '0', v[5] or '0',
        v[6] or '0', v[7] or ''}) do
        replies[#replies + 1] = value
    end
end

redis.call('DEL', root .. 'wake:sink')
local last = redis.call('HMGET', worker_key, 'nonce', 'ids')
if last[1] == nonce then
    for id, run in string.gmatch(last[2], '([^ :]+):(%d+)') do
        local v = redis.call('HMGET', job_key(id), 's', 'n')
        if v[1] == 'p' and v[2] == run then
            reply(id)
        end
    end
    return replies
end

promote(50)

local function take()
    local turn = redis.call('HINCRBY', root .. 'counts', 'wheel', 1) % #WHEEL + 1
    for _, priority in ipairs(ORDERS[string.sub(WHEEL, turn, turn)]) do
        local id = redis.call('RPOPLPUSH', LISTS[priority], root .. 'inprogress')
        if id then
            return id, priority
        end
    end
end

local claimed, dropped = {}, 0
while #claimed < most and dropped < MOST_DROPPED do
    local id, priority = take()
    if not id then
        break
    end
    local key = job_key(id)
    local v = redis.call('HMGET', key, 's', 'by', 'c', 'n')
    if v[1] == 'q' and not overdue(v[2]) then
        local run = add_to(key, 'n', 1)
        redis.call('HSET', key, 's', 'p', 'w', worker, 'start', now)
        redis.call('HDEL', key, 'by')
        redis.call('ZADD', root .. 'leases', now + lease, id)
        if not v[4] then
            observe('w', now - v[3])
        end
        claimed[#claimed + 1] = id .. ':' .. run
        reply(id)
    else
        redis.call('LREM', root .. 'inprogress', 1, id)
        dropped = dropped + 1
        if v[1] == 'q' then
            finish(id, key, 'e', times)
        else
            drop_tombstone(priority)
        end
    end
end
redis.call('HSET', worker_key, 'nonce', nonce, 'ids', table.concat(claimed, ' '))
redis.call('HSET', worker_key, 'slots', ARGV[5])
redis.call('PEXPIRE', worker_key, ARGV[6])
redis.call('ZADD', root .. 'workers', now, worker)
if redis.call('LLEN', LISTS.h) + redis.call('LLEN', LISTS.n) + redis.call('LLEN', LISTS.l) > 0 then
    wake(1)
end
return replies
