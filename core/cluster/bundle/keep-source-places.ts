import { basename, dirname, join, relative, resolve } from 'node:path'
import type { Plugin } from 'vite'

/**
 * Core finds its resources from where its source files lie. Built files all lie in one other
 * folder, so their `import.meta.dirname` is led back to the source's place; the files that workers run are built beside
 * the others.
 */
export function keepSourcePlaces(root: string): Plugin {
  let output: string
  return {
    name: 'keep-source-places',
    enforce: 'pre',
    configResolved(config) {
      output = resolve(config.root, config.build.outDir)
    },
    transform: {
      filter: { id: /\.ts$/, code: /import\.meta\.(dirname|url)/ },
      handler(code, id) {
        const source = relative(root, id).replaceAll('\\', '/')
        if (!source.startsWith('core/')) return undefined
        const back = relative(output, dirname(id)).replaceAll('\\', '/')
        const withWorkers = code.replaceAll(
          /new URL\('(\.[^']+)\.ts', import\.meta\.url\)/g,
          (_, worker: string) => {
            const name = basename(worker)
            this.emitFile({ type: 'chunk', id: join(dirname(id), `${worker}.ts`), fileName: `${name}.js` })
            return `new URL('./${name}.js', import.meta.url)`
          },
        )
        const moved = withWorkers.replaceAll('import.meta.dirname', `(import.meta.dirname + '/${back}')`)
        // No line moves, so the map of what comes next needs no other.
        return { code: moved, map: null }
      },
    },
  }
}
