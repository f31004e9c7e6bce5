#!lua flags=allow-oom
-- An event was delivered, or is to be tried again. ARGV: event, delay (-1: delivered)
if tonumber(ARGV[2]) < 0 then
    drop_event(ARGV[1])
elseif redis.call('ZSCORE', root .. 'events', ARGV[1]) then
    redis.call('ZADD', root .. 'events', now + ARGV[2], ARGV[1])
    add_to(root .. 'events:tries', ARGV[1], 1)
end
return 1
