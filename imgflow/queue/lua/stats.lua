#!lua flags=no-writes,allow-oom
-- A queue in figures. Returns: depths (3), oldest creation (3), in progress, delayed, dead,
-- counts, histograms, workers with the time they were heard of, their slots, the time.
local replies = {}
for _, priority in ipairs({'h', 'n', 'l'}) do
    local tombs = tonumber(redis.call('HGET', root .. 'counts', 'tombs:' .. priority) or 0)
    replies[#replies + 1] = math.max(0, redis.call('LLEN', LISTS[priority]) - tombs)
end
for _, priority in ipairs({'h', 'n', 'l'}) do
    local oldest = 0
    for at = -1, -100, -1 do
        local id = redis.call('LINDEX', LISTS[priority], at)
        if not id then
            break
        end
        local v = redis.call('HMGET', job_key(id), 's', 'c')
        if v[1] == 'q' then
            oldest = tonumber(v[2])
            break
        end
    end
    replies[#replies + 1] = oldest
end
replies[#replies + 1] = redis.call('LLEN', root .. 'inprogress')
replies[#replies + 1] = redis.call('ZCARD', root .. 'delayed')
replies[#replies + 1] = redis.call('ZCARD', root .. 'dead')
replies[#replies + 1] = redis.call('HGETALL', root .. 'counts')
replies[#replies + 1] = redis.call('HGETALL', root .. 'hist')
local workers = redis.call('ZRANGE', root .. 'workers', 0, 999, 'WITHSCORES')
replies[#replies + 1] = workers
local slots = {}
for at = 1, #workers, 2 do
    slots[#slots + 1] = redis.call('HGET', root .. 'w:' .. workers[at], 'slots') or ''
end
replies[#replies + 1] = slots
replies[#replies + 1] = now
return replies
