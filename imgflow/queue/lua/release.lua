#!lua flags=allow-oom
-- Hand jobs back, to the front: nothing is counted against them.
-- ARGV: results_ttl, dead_ttl, dedupe_window, (id, run)*. Returns how many were still ours.
local times = {tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])}
local released = 0
for at = 4, #ARGV, 2 do
    local id, run = ARGV[at], ARGV[at + 1]
    local key = job_key(id)
    local v = redis.call('HMGET', key, 's', 'n', 'cancel')
    if v[1] == 'p' and v[2] == run then
        let_go(id)
        released = released + 1
        if v[3] then
            finish(id, key, 'x', times)
        else
            requeue(id, key)
        end
    end
end
wake(released)
return released
