import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'

/** The page: built to out/renderer, where the gateway serves it. */
export default defineConfig({
  root: import.meta.dirname,
  base: './',
  plugins: [vue()],
  build: {
    outDir: '../out/renderer',
    emptyOutDir: true,
    chunkSizeWarningLimit: 2000,
  },
})
