#!lua
-- Queue jobs. Refused as a whole when memory is full; safe to repeat.
-- ARGV: batch, results_ttl, dead_ttl, dedupe_window, recipes, (digest, text)*,
--       (id, priority, ttl, digest, payload, dd, window, hook)*
-- Returns (id, state, duplicate)*, or nothing if the batch is not known.
local batch = ARGV[1]
local times = {tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])}
local batch_key = root .. 'batch:' .. batch
local created = now
if batch ~= '' then
    local since = redis.call('HGET', batch_key, 'created')
    if not since then
        return false
    end
    created = math.max(now, since)
end
local at = 6
local texts = {}
for _ = 1, tonumber(ARGV[5]) do
    texts[ARGV[at]] = ARGV[at + 1]
    at = at + 2
end
local CHUNK, MOST_CHUNKS = 64, 8

-- Who answers for a job: one that waits or runs, and is not asked to stop, or was completed a
-- short time ago.
local function same_as(dd)
    local id = redis.call('GET', root .. 'dd:' .. dd)
    if not id then
        return nil
    end
    local v = redis.call('HMGET', job_key(id), 's', 'by', 'p', 'cancel')
    if v[1] == 'q' and overdue(v[2]) then
        count('tombs:' .. (v[3] or 'n'))
        finish(id, job_key(id), 'e', times)
        return nil
    end
    local answers = v[1] == 'q' or v[1] == 'd' or v[1] == 'c' or v[1] == 'p' and not v[4]
    return answers and {id, v[1]} or nil
end

-- Values of up to 64 bytes keep a hash in its compact form, so a long one is cut up.
local function add_payload(fields, payload)
    if #payload > CHUNK * MOST_CHUNKS then
        fields[#fields + 1], fields[#fields + 2] = 'i', payload
        return
    end
    for index = 0, math.ceil(#payload / CHUNK) - 1 do
        fields[#fields + 1] = 'i' .. index
        fields[#fields + 1] = string.sub(payload, index * CHUNK + 1, (index + 1) * CHUNK)
    end
end

local function in_batch(key)
    local v = redis.call('HMGET', key, 'batch', 'c')
    return v[1] == batch and batch_of(batch, v[2])
end

local replies, uses, made, same = {}, {}, 0, 0
local joined, joined_same = 0, 0

-- A job that is there already, and not in this batch, answers for a submission: counted once.
local function answered(id, older)
    if batch == '' then
        return 1
    elseif redis.call('HSETNX', batch_key .. ':same', id, older) == 0 then
        return 0
    end
    joined, joined_same = joined + 1, joined_same + 1
    return 1
end

while at <= #ARGV do
    local id, priority, ttl, digest = ARGV[at], ARGV[at + 1], ARGV[at + 2], ARGV[at + 3]
    local payload, dd, window, hook = ARGV[at + 4], ARGV[at + 5], ARGV[at + 6], ARGV[at + 7]
    at = at + 8
    local key = job_key(id)
    local state = redis.call('HGET', key, 's')
    local older = not state and dd ~= '' and same_as(dd) or nil
    if older then
        replies[#replies + 1], replies[#replies + 2], replies[#replies + 3] = older[1], older[2], 1
        same = same + answered(id, older[1])
    else
        replies[#replies + 1], replies[#replies + 2], replies[#replies + 3] = id, state or 'q', 0
        if state and batch ~= '' and not in_batch(key) then
            answered(id, id)
        end
    end
    if not state and not older then
        local fields = {'s', 'q', 'c', created, 'by', now + ttl, 'recipe', digest}
        local function add(name, value)
            if value ~= '' then
                fields[#fields + 1], fields[#fields + 2] = name, value
            end
        end
        add('p', priority ~= 'n' and priority or '')
        add('dd', dd)
        add('window', window)
        add('batch', batch)
        add('hook', hook)
        add_payload(fields, payload)
        if not uses[digest] then
            redis.call('SET', root .. 'recipe:' .. digest, texts[digest])
        end
        -- Should only a beginning of this step last, then rather an id without a job, which is
        -- dropped, than a job that waits in no list.
        redis.call('LPUSH', LISTS[priority], id)
        redis.call('HSET', key, unpack(fields))
        if dd ~= '' then
            redis.call('SET', root .. 'dd:' .. dd, id)
        end
        if batch ~= '' then
            -- Who answered when this was submitted before may not answer any more.
            if redis.call('HDEL', batch_key .. ':same', id) == 1 then
                joined_same = joined_same - 1
            else
                joined = joined + 1
            end
            redis.call('RPUSH', batch_key .. ':jobs', id)
        end
        uses[digest] = (uses[digest] or 0) + 1
        made = made + 1
    end
end
for digest, by in pairs(uses) do
    add_to(root .. 'recipes', digest, by)
    -- A job that expired in the midst of this may have been the last of its recipe.
    redis.call('PERSIST', root .. 'recipe:' .. digest)
end
if batch ~= '' then
    add_to(batch_key, 'total', joined)
    add_to(batch_key, 'same', joined_same)
    if redis.call('HEXISTS', batch_key, 'sealed') == 0 then
        expire_batch(batch, 3600000)
    else
        keep_batch(batch)
        close_batch(batch, math.max(times[1], times[2]))
    end
end
if made > 0 then
    count('submitted', made)
    wake(made)
end
if same > 0 then
    count('duplicates', same)
end
return replies
