import { dirname, join, relative } from 'node:path'
import { defineConfig } from 'electron-vite'
import { mergeConfig, type Plugin } from 'vite'
import renderer from './renderer/vite.config.ts'

const root = import.meta.dirname
const output = join(root, 'out/main')

/**
 * Core finds its resources from where its source files lie. Built files lie elsewhere, so their `import.meta.dirname` is
 * led back to the source's place, and the files that workers run get their built names.
 */
function keepSourcePlaces(): Plugin {
  return {
    name: 'keep-source-places',
    enforce: 'pre',
    transform(code, id) {
      const source = relative(root, id.split('?')[0]!)
      if (!source.startsWith('core') || !code.includes('import.meta.')) return undefined
      const built = join(output, dirname(source))
      const back = JSON.stringify(`/${relative(built, join(root, dirname(source))).replaceAll('\\', '/')}`)
      return {
        code: code
          .replaceAll('import.meta.dirname', `(import.meta.dirname + ${back})`)
          .replaceAll(/new URL\('(\.[^']+)\.ts', import\.meta\.url\)/g, "new URL('$1.js', import.meta.url)"),
        map: null,
      }
    },
  }
}

/** Main process with the cluster's process, preload script and page: out/main, out/preload, out/renderer. */
export default defineConfig({
  main: {
    plugins: [keepSourcePlaces()],
    build: {
      outDir: output,
      rollupOptions: {
        input: {
          main: join(root, 'electron/main.ts'),
          'cluster-process': join(root, 'electron/services/cluster-process.ts'),
          'core/storage/sqlite/journal-worker': join(root, 'core/storage/sqlite/journal-worker.ts'),
        },
        output: { preserveModules: true, preserveModulesRoot: root, entryFileNames: '[name].js' },
      },
    },
  },
  preload: {
    build: {
      outDir: join(root, 'out/preload'),
      externalizeDeps: false,
      rollupOptions: {
        input: { preload: join(root, 'electron/preload.ts') },
        // Sandboxed preload scripts are CommonJS and a single file.
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: mergeConfig(renderer, {
    build: { rollupOptions: { input: join(root, 'renderer/index.html') } },
  }),
})
