#!lua flags=allow-oom
-- End runs: complete, retry or give up. Only who holds the job's run may do so; safe to repeat.
-- ARGV: results_ttl, dead_ttl, dedupe_window, most_kills, retries,
--       (id, run, kind, code, error, result, delay * retries)*
-- kind: "ok", "error", "permanent", "kill" or "cancelled". Returns 1 or 0 (not ours) for each.
local times = {tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])}
local most_kills, retries = tonumber(ARGV[4]), tonumber(ARGV[5])
local replies = {}

local function delay_job(id, key, delay)
    redis.call('HSET', key, 's', 'd', 'due', now + delay)
    redis.call('ZADD', root .. 'delayed', now + delay, id)
    count('retried')
end

-- The number of the next retry, or nothing if there is none.
local function next_retry(key, kind)
    if kind == 'error' then
        local retry = tonumber(redis.call('HGET', key, 't') or 0) + 1
        if retry <= retries then
            redis.call('HSET', key, 't', retry)
            return retry
        end
    elseif kind == 'kill' then
        count('killed')
        local kills = add_to(key, 'k', 1)
        return kills <= most_kills and kills or nil
    end
end

for at = 6, #ARGV, 6 + retries do
    local id, run, kind = ARGV[at], ARGV[at + 1], ARGV[at + 2]
    local code, line, result = ARGV[at + 3], ARGV[at + 4], ARGV[at + 5]
    local key = job_key(id)
    local v = redis.call('HMGET', key, 's', 'n', 'start', 'cancel', 'settled')
    if v[1] == 'p' and v[2] == run then
        let_go(id)
        redis.call('HSET', key, 'settled', run)
        observe('d', now - v[3])
        if kind == 'ok' then
            redis.call('HSET', key, 'g', 100, 'result', result)
            finish(id, key, 'c', times)
        elseif kind == 'cancelled' or v[4] then
            finish(id, key, 'x', times)
        else
            redis.call('HSET', key, 'code', code)
            add_error(key, line)
            local retry = next_retry(key, kind)
            if retry then
                delay_job(id, key, retries > 0 and ARGV[at + 5 + math.min(retry, retries)] or 1000)
            else
                finish(id, key, 'f', times)
            end
        end
        replies[#replies + 1] = 1
    else
        replies[#replies + 1] = v[5] == run and 1 or 0
    end
end
return replies
