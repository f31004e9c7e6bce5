#!lua
-- Begin a batch, or go on with it. ARGV: batch, name of the recipe, keep while it is open.
local key = root .. 'batch:' .. ARGV[1]
if redis.call('EXISTS', key) == 0 then
    redis.call('HSET', key, 'total', 0, 'created', now, 'recipe', ARGV[2])
    redis.call('PEXPIRE', key, ARGV[3])
end
return 1
