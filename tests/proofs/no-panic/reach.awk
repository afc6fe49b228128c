# Who reaches a panic, in a linked program as `objdump -d -C` shows it: from the panic handler up the callers, through
# libcore's functions, to the first function that is not libcore's. A function of libcore without a caller is called by
# a pointer, and told too.
/^[0-9a-f]+ <.*>:$/ { caller = $0; sub(/^[0-9a-f]+ </, "", caller); sub(/>:$/, "", caller); next }
/[ \t](call|j[a-z]+|lea|mov)[a-z]* .*</ {
    callee = $0; sub(/^[^<]*</, "", callee); sub(/(\+0x[0-9a-f]+)?>[^>]*$/, "", callee)
    if (callee != caller) callers[callee] = callers[callee] caller "\n"
}
function climb(callee,    names, count, i) {
    if (callee in seen) return
    seen[callee]
    count = split(callers[callee], names, "\n")
    for (i = 1; i < count; i++)
        if (names[i] ~ /^<*(\[?[&a-z0-9]+\]? as )?(core|__rustc)::/) climb(names[i])
        else reached[names[i] " reaches " callee]
    if (count < 2) reached["a pointer reaches " callee]
}
END { climb("__rustc::rust_begin_unwind"); for (line in reached) print line }
