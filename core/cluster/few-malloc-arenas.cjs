// Loaded before the program (`node --require`), and first: on Linux it starts the same process once more with two malloc
// arenas. glibc gives each of V8's and libuv's threads one of its own, which keeps what it has held once: 17 MiB after
// `bench:api`. Only its environment tells glibc so, and `process.execve` keeps the process: its id, its streams and its parent.
const { isMainThread } = process.getBuiltinModule('node:worker_threads')

const name = 'MALLOC_ARENA_MAX'
/** Tells the second start from a user's own setting, which stays as it is. */
const mark = 'WHEELHOUSE_MALLOC_ARENAS'

if (isMainThread && process.platform === 'linux') {
  if (process.env[mark]) {
    // What this process starts is to find the environment that it was itself started with.
    delete process.env[mark]
    delete process.env[name]
  } else if (!process.env[name] && !process.connected) {
    const command = [process.argv0, ...process.execArgv, ...process.argv.slice(1)]
    process.execve(process.execPath, command, { ...process.env, [name]: '2', [mark]: '1' })
  }
}
