#!lua flags=allow-oom
-- Look at jobs. ARGV: results_ttl, dead_ttl, dedupe_window, id*. Returns all fields of each.
-- A job whose time to start has passed is found to be expired by whoever looks.
local times = {tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])}
local replies = {}
for at = 4, #ARGV do
    local id = ARGV[at]
    local key = job_key(id)
    local v = redis.call('HMGET', key, 's', 'by', 'p')
    if v[1] == 'q' and overdue(v[2]) then
        count('tombs:' .. (v[3] or 'n'))
        finish(id, key, 'e', times)
    end
    replies[#replies + 1] = redis.call('HGETALL', key)
end
return replies
