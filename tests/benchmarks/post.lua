-- Posts an event again and again, as Go's client does; with "in-turn", LOCKED and HOLDOVER in turn.
-- wrk -s post.lua URL -- PAYLOAD [in-turn]

function init(arguments)
    local file = assert(io.open(arguments[1], "rb"))
    wrk.body = file:read("*a")
    file:close()
    wrk.method = "POST"
    wrk.headers["User-Agent"] = "Go-http-client/1.1"
    wrk.headers["Content-Type"] = "application/json"
    wrk.headers["Accept-Encoding"] = "gzip"
    -- Without a function for it wrk makes its request once.
    if arguments[2] == "in-turn" then
        local requests = { wrk.format(), wrk.format(nil, nil, nil, (wrk.body:gsub("LOCKED", "HOLDOVER"))) }
        local turn = 0
        function request()
            turn = turn % #requests + 1
            return requests[turn]
        end
    end
end
