#!lua flags=allow-oom
-- Housekeeping, by anybody at any time: due retries, lapsed leases, jobs past their time.
-- ARGV: results_ttl, dead_ttl, dedupe_window, lease, most_losses, worker_ttl
-- Returns the number of jobs that were moved.
local times = {tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])}
local lease, most_losses = tonumber(ARGV[4]), tonumber(ARGV[5])
local moved = promote(500)

-- After a time in which nobody came, the server was away and not the workers: they get the
-- time of some heartbeats to come back before their jobs are taken for lost. After a long one
-- the key is gone, too.
local tended = tonumber(redis.call('GET', root .. 'tended') or 0)
redis.call('SET', root .. 'tended', now, 'PX', math.max(lease * 10, 600000))
if now - tended > lease * 2 / 3 then
    redis.call('SET', root .. 'grace', '1', 'PX', math.floor(lease / 2))
end

local function lose(id, key)
    let_go(id)
    local v = redis.call('HMGET', key, 's', 'w', 'cancel')
    if v[1] ~= 'p' then
        return
    end
    moved = moved + 1
    count('lost')
    redis.call('HSET', key, 'code', 'worker-lost')
    add_error(key, cjson.encode({
        at = now, worker = v[2], kind = 'lost', code = 'worker-lost',
        message = 'the worker was not heard of for longer than its lease',
    }))
    if v[3] then
        finish(id, key, 'x', times)
    elseif add_to(key, 'l', 1) > most_losses then
        finish(id, key, 'f', times)
    else
        requeue(id, key)
    end
end

if redis.call('EXISTS', root .. 'grace') == 0 then
    local lapsed = redis.call('ZRANGEBYSCORE', root .. 'leases', '-inf', now, 'LIMIT', 0, 100)
    for _, id in ipairs(lapsed) do
        lose(id, job_key(id))
    end
end

-- A job in progress without a lease gets one, which lapses if nobody renews it. One that was
-- taken and not begun goes back: no step leaves it so, but a part of one that a crash tore (see
-- add_to) can take the job after the one that was meant. What is left over sinks to the end of
-- the list.
for _, id in ipairs(redis.call('LRANGE', root .. 'inprogress', -200, -1)) do
    if not redis.call('ZSCORE', root .. 'leases', id) then
        local state = redis.call('HGET', job_key(id), 's')
        if state == 'p' then
            redis.call('ZADD', root .. 'leases', now + lease, id)
        else
            redis.call('LREM', root .. 'inprogress', 1, id)
            if state == 'q' then
                requeue(id, job_key(id))
                moved = moved + 1
            end
        end
    end
end

for priority, list in pairs(LISTS) do
    for _ = 1, 100 do
        local id = redis.call('LINDEX', list, -1)
        if not id then
            break
        end
        local v = redis.call('HMGET', job_key(id), 's', 'by')
        if v[1] == 'q' and not overdue(v[2]) then
            break
        end
        redis.call('LREM', list, -1, id)
        moved = moved + 1
        if v[1] == 'q' then
            finish(id, job_key(id), 'e', times)
        else
            drop_tombstone(priority)
        end
    end
end
local old = now - times[2]
for _, event in ipairs(redis.call('ZRANGEBYSCORE', root .. 'events', '-inf', old, 'LIMIT', 0, 100)) do
    drop_event(event)
end
redis.call('ZREMRANGEBYSCORE', root .. 'dead', '-inf', old)
redis.call('ZREMRANGEBYSCORE', root .. 'workers', '-inf', now - tonumber(ARGV[6]))
wake(moved)
return moved
