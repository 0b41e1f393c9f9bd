import { join } from 'node:path'
import { defineConfig } from 'electron-vite'
import { mergeConfig } from 'vite'
import { bundleOutput, bundlePlugins, external } from './core/cluster/bundle/vite.config.ts'
import renderer from './renderer/vite.config.ts'

const root = import.meta.dirname

/** Main process with the cluster's process, preload script and page: out/main, out/preload, out/renderer. */
export default defineConfig({
  main: {
    plugins: bundlePlugins(),
    build: {
      outDir: join(root, 'out/main'),
      externalizeDeps: false,
      rollupOptions: {
        external: [...external, 'electron-store'],
        input: {
          main: join(root, 'electron/main.ts'),
          'cluster-process': join(root, 'electron/services/cluster-process.ts'),
        },
        output: bundleOutput,
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
  // Folders by name: electron-vite bundles this file with what it imports, whose own folder is then this one.
  renderer: mergeConfig(renderer, {
    root: join(root, 'renderer'),
    build: {
      outDir: join(root, 'out/renderer'),
      rollupOptions: { input: join(root, 'renderer/index.html') },
    },
  }),
})
