# From `size -A` of the image, and the stack that was seen: what of the board it takes, as a table for README.md.
# -v deepest=BYTES -v stack=BYTES

function grouped(number, digits) {
    for (digits = sprintf("%d", number); length(digits) > 3; digits = substr(digits, 1, length(digits) - 3))
        tail = "," substr(digits, length(digits) - 2) tail
    digits = digits tail
    tail = ""
    return digits
}

function row(name, bytes) { printf "| %s | %s |\n", name, grouped(bytes) }

{ bytes[$1] = $2 }

END {
    flash = bytes[".vectors"] + bytes[".text"] + bytes[".rodata"] + bytes[".data"]
    ram = bytes[".data"] + bytes[".bss"]
    row("flash: code (`.vectors`, `.text`)", bytes[".vectors"] + bytes[".text"])
    row("flash: constants (`.rodata`)", bytes[".rodata"])
    row("flash: initial values (`.data`)", bytes[".data"])
    row("flash: the page of the settings", 1024)
    row("flash, all of it, of 65,536", flash + 1024)
    row("RAM: static variables (`.data`, `.bss`)", ram)
    row("RAM: stack at its deepest, of " grouped(stack), deepest)
    row("RAM, all of it, of 32,768", ram + stack + 4)
}
