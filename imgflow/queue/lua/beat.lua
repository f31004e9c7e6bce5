#!lua flags=allow-oom
-- Renew the leases of a worker, and take its progress. ARGV: worker, lease, slots, worker_ttl,
-- (id, run, progress)*. Returns (id, "lost" | "cancelled")* for jobs that are not fine.
local worker, lease = ARGV[1], tonumber(ARGV[2])
local verdicts = {}
for at = 5, #ARGV, 3 do
    local id, run, progress = ARGV[at], ARGV[at + 1], tonumber(ARGV[at + 2])
    local key = job_key(id)
    local v = redis.call('HMGET', key, 's', 'n', 'g', 'cancel')
    local verdict
    if v[1] ~= 'p' or v[2] ~= run then
        verdict = 'lost'
    else
        redis.call('ZADD', root .. 'leases', now + lease, id)
        if progress > tonumber(v[3] or 0) then
            redis.call('HSET', key, 'g', progress)
        end
        verdict = v[4] and 'cancelled'
    end
    if verdict then
        verdicts[#verdicts + 1], verdicts[#verdicts + 2] = id, verdict
    end
end
local worker_key = root .. 'w:' .. worker
redis.call('HSET', worker_key, 'slots', ARGV[3])
redis.call('PEXPIRE', worker_key, ARGV[4])
redis.call('ZADD', root .. 'workers', now, worker)
return verdicts
