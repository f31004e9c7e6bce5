#!lua flags=allow-oom
-- Cancel jobs: those that wait at once, those at work as soon as their worker hears of it.
-- ARGV: results_ttl, dead_ttl, dedupe_window, id*. Returns how many are or will be cancelled.
local times = {tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])}
local cancelled = 0
for at = 4, #ARGV do
    local id = ARGV[at]
    local key = job_key(id)
    local v = redis.call('HMGET', key, 's', 'p')
    if v[1] == 'q' or v[1] == 'd' then
        if v[1] == 'd' then
            redis.call('ZREM', root .. 'delayed', id)
        else
            -- To look for the id in a long list would take too long: who takes it drops it.
            count('tombs:' .. (v[2] or 'n'))
        end
        finish(id, key, 'x', times)
        cancelled = cancelled + 1
    elseif v[1] == 'p' then
        redis.call('HSET', key, 'cancel', 1)
        cancelled = cancelled + 1
    end
end
wake(1)
return cancelled
