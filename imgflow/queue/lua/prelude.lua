-- What all scripts share. KEYS[1] is the root of the queue's keys, "{imgflow:<name>}:": its
-- hash tag puts them all into one slot, which is why other keys may be derived from it.
local root = KEYS[1]
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local LISTS = {h = root .. 'p:high', n = root .. 'p:normal', l = root .. 'p:low'}
local COUNTS = {c = 'completed', f = 'failed', x = 'cancelled', e = 'expired'}
local MOST_TOKENS, MOST_RECENT, MOST_ERRORS = 32, 1000, 16384

local function job_key(id)
    return root .. 'job:' .. id
end

-- Add to a number, and return the new one. It is set, not incremented: a server that was killed
-- in the midst of writing a step may apply the first commands of it after its next crash, when
-- the step has long been repeated. The last value that was set is the right one even so.
local function add_to(key, field, by)
    local number = (redis.call('HGET', key, field) or 0) + by
    redis.call('HSET', key, field, number)
    return number
end

local function count(name, by)
    add_to(root .. 'counts', name, by or 1)
end

-- Put tokens on the list that idle workers wait for. A lost token costs a second at most.
local function wake(jobs)
    local key = root .. 'wake'
    local missing = math.min(jobs, MOST_TOKENS) - redis.call('LLEN', key)
    for _ = 1, missing do
        redis.call('LPUSH', key, '1')
    end
end

-- Count a duration, in milliseconds, in a histogram.
local BOUNDS = {
    d = {50, 100, 250, 500, 1000, 2500, 5000, 10000, 30000, 60000, 120000},
    w = {10, 100, 500, 1000, 5000, 30000, 60000, 300000, 1800000, 3600000},
}
local function observe(kind, duration)
    local bound = 'inf'
    for _, limit in ipairs(BOUNDS[kind]) do
        if duration <= limit then
            bound = limit
            break
        end
    end
    redis.call('HINCRBY', root .. 'hist', kind .. bound, 1)
    redis.call('HINCRBY', root .. 'hist', kind .. 'sum', duration)
end

-- A job left the state that holds it: it is in nobody's hands any more.
local function let_go(id)
    redis.call('LREM', root .. 'inprogress', 1, id)
    redis.call('ZREM', root .. 'leases', id)
end

local function add_error(key, line)
    local lines = redis.call('HGET', key, 'errors')
    lines = lines and (lines .. '\n' .. line) or line
    while #lines > MOST_ERRORS do
        local first = string.find(lines, '\n', 1, true)
        if not first then
            break
        end
        lines = string.sub(lines, first + 1)
    end
    redis.call('HSET', key, 'errors', lines)
end

local function keep_batch(batch)
    for _, part in ipairs({'', ':jobs', ':ended', ':same'}) do
        redis.call('PERSIST', root .. 'batch:' .. batch .. part)
    end
end

local function expire_batch(batch, keep)
    for _, part in ipairs({'', ':jobs', ':ended', ':same'}) do
        redis.call('PEXPIRE', root .. 'batch:' .. batch .. part, keep)
    end
end

-- The key of the batch that a job belongs to, if it is still the one that the job was queued in:
-- an open one is forgotten after a while, and may have been begun anew.
local function batch_of(batch, created)
    local since = batch and redis.call('HGET', root .. 'batch:' .. batch, 'created')
    return since and tonumber(created) >= tonumber(since) and root .. 'batch:' .. batch or nil
end

-- A batch that is sealed, and has no job left that could still end, starts to expire.
local function close_batch(batch, keep)
    local key = root .. 'batch:' .. batch
    local v = redis.call('HMGET', key, 'sealed', 'total', 'same', 'c', 'f', 'x', 'e')
    if v[1] then
        local ended = (v[3] or 0) + (v[4] or 0) + (v[5] or 0) + (v[6] or 0) + (v[7] or 0)
        if ended >= tonumber(v[2]) then
            expire_batch(batch, keep)
        end
    end
end

-- The end of a job's life, in state c, f, x or e: this happens once for each time it lived.
-- ``times`` are {results_ttl, dead_ttl, dedupe_window} in milliseconds.
local function finish(id, key, state, times)
    local v = redis.call('HMGET', key, 'recipe', 'dd', 'window', 'batch', 'hook', 'n', 'c')
    local keep = state == 'f' and times[2] or times[1]
    redis.call('HSET', key, 's', state, 'end', now)
    redis.call('HDEL', key, 'due', 'cancel', 'by')
    redis.call('PEXPIRE', key, keep)
    if v[2] then
        local dd = root .. 'dd:' .. v[2]
        if redis.call('GET', dd) == id then
            local window = math.min(tonumber(v[3] or times[3]), keep)
            if state == 'c' and window > 0 then
                redis.call('PEXPIRE', dd, window)
            else
                redis.call('DEL', dd)
            end
        end
    end
    local longest = math.max(times[1], times[2])
    if add_to(root .. 'recipes', v[1], -1) <= 0 then
        redis.call('HDEL', root .. 'recipes', v[1])
        redis.call('PEXPIRE', root .. 'recipe:' .. v[1], longest)
    end
    if state == 'f' then
        redis.call('ZADD', root .. 'dead', now, id)
    end
    count(COUNTS[state])
    redis.call('LPUSH', root .. 'recent', id)
    redis.call('LTRIM', root .. 'recent', 0, MOST_RECENT - 1)
    local batch = batch_of(v[4], v[7])
    if batch then
        add_to(batch, state, 1)
        redis.call('RPUSH', batch .. ':ended', id)
        local left = redis.call('PTTL', batch)
        if left > 0 then
            redis.call('PEXPIRE', batch .. ':ended', left)
        end
        close_batch(v[4], longest)
    end
    if v[5] then
        local event = id .. ':' .. (v[6] or 0) .. ':' .. COUNTS[state] .. ':' .. now
        redis.call('ZADD', root .. 'events', now, event)
        redis.call('LPUSH', root .. 'wake:events', '1')
        redis.call('LTRIM', root .. 'wake:events', 0, 0)
    end
end

local function drop_event(event)
    redis.call('ZREM', root .. 'events', event)
    redis.call('HDEL', root .. 'events:tries', event)
end

-- Put a job back to the end of its list that is taken from next.
local function requeue(id, key)
    local priority = redis.call('HGET', key, 'p') or 'n'
    redis.call('HSET', key, 's', 'q')
    redis.call('HDEL', key, 'due')
    redis.call('RPUSH', LISTS[priority], id)
end

local function promote(most)
    local due = redis.call('ZRANGEBYSCORE', root .. 'delayed', '-inf', now, 'LIMIT', 0, most)
    for _, id in ipairs(due) do
        redis.call('ZREM', root .. 'delayed', id)
        if redis.call('HGET', job_key(id), 's') == 'd' then
            requeue(id, job_key(id))
        end
    end
    return #due
end

-- The id at the end of a list belongs to no job that waits: it was cancelled there, or is gone.
local function drop_tombstone(priority)
    if add_to(root .. 'counts', 'tombs:' .. priority, -1) < 0 then
        redis.call('HSET', root .. 'counts', 'tombs:' .. priority, 0)
    end
end

-- Whether a job waited longer than it was meant to before its first start.
local function overdue(by)
    return by and tonumber(by) < now
end
