set pagination off
set debuginfod enabled off
break look
run
print matrix
print turned
print half
print leaf
print result
print many
print undefined
print shape
kill
