#!lua
-- Queue jobs again that failed, were cancelled or expired. Safe to repeat with the same token.
-- ARGV: token, ttl, id*. Returns for each: "ok", "unknown", "live", "same" or "recipe".
local token, ttl = ARGV[1], tonumber(ARGV[2])

local function redrive(id)
    local key = job_key(id)
    local v = redis.call('HMGET', key, 's', 'p', 'recipe', 'dd', 'batch', 'token', 'c')
    local state = v[1]
    if not state then
        return 'unknown'
    elseif v[6] == token then
        return 'ok'
    elseif state ~= 'f' and state ~= 'x' and state ~= 'e' then
        return 'live'
    elseif redis.call('EXISTS', root .. 'recipe:' .. v[3]) == 0 then
        return 'recipe'
    end
    if v[4] then
        local dd = root .. 'dd:' .. v[4]
        local other = redis.call('GET', dd)
        if other and other ~= id and redis.call('EXISTS', job_key(other)) == 1 then
            return 'same'
        end
        redis.call('SET', dd, id)
    end
    redis.call('HSET', key, 's', 'q', 'by', now + ttl, 'token', token)
    redis.call('HDEL', key, 't', 'k', 'l', 'g', 'end', 'result', 'settled', 'w', 'start')
    redis.call('PERSIST', key)
    redis.call('PERSIST', root .. 'recipe:' .. v[3])
    add_to(root .. 'recipes', v[3], 1)
    redis.call('ZREM', root .. 'dead', id)
    local batch = batch_of(v[5], v[7])
    if batch then
        add_to(batch, state, -1)
        if redis.call('HEXISTS', batch, 'sealed') == 1 then
            keep_batch(v[5])
        end
    end
    redis.call('LPUSH', LISTS[v[2] or 'n'], id)
    count('redriven')
    return 'ok'
end

local replies = {}
for at = 3, #ARGV do
    replies[#replies + 1] = redrive(ARGV[at])
end
wake(#replies)
return replies
