#!lua flags=allow-oom
-- Take events that are due for delivery: nobody else gets them for a while.
-- ARGV: most, lease. Returns (event, tries, url)*; events of jobs that are gone are dropped.
local replies = {}
local due = redis.call('ZRANGEBYSCORE', root .. 'events', '-inf', now, 'LIMIT', 0, ARGV[1])
for _, event in ipairs(due) do
    local id = string.match(event, '^[^:]+')
    local url = redis.call('HGET', job_key(id), 'hook')
    if url then
        redis.call('ZADD', root .. 'events', now + ARGV[2], event)
        replies[#replies + 1] = event
        replies[#replies + 1] = redis.call('HGET', root .. 'events:tries', event) or '0'
        replies[#replies + 1] = url
    else
        drop_event(event)
    end
end
return replies
