// Plain JavaScript on purpose, and loaded before the program (`node --require`): what Node kept of a TypeScript file it need
// not strip of types again, and its stripper takes 18 MiB and 50 ms to load.
const { enableCompileCache } = process.getBuiltinModule('node:module')
const { join } = process.getBuiltinModule('node:path')

enableCompileCache(join(__dirname, '../../out/compile-cache'))
