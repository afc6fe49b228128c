-- Posts an event again and again, as Go's client does; with "in-turn", LOCKED and HOLDOVER in turn.
-- wrk -s post.lua URL -- PAYLOAD [in-turn]

local requests = {}

local function request_of(body)
    local fields = {
        ["User-Agent"] = "Go-http-client/1.1",
        ["Content-Type"] = "application/json",
        ["Accept-Encoding"] = "gzip",
    }
    return wrk.format("POST", "/event", fields, body)
end

function init(arguments)
    local file = assert(io.open(arguments[1], "rb"))
    local body = file:read("*a")
    file:close()
    requests[1] = request_of(body)
    if arguments[2] == "in-turn" then
        requests[2] = request_of((body:gsub("LOCKED", "HOLDOVER")))
    end
end

local turn = 0

function request()
    turn = turn % #requests + 1
    return requests[turn]
end
