import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'

/** The page: built to out/renderer, where the gateway serves it. */
export default defineConfig({
  root: import.meta.dirname,
  base: './',
  plugins: [vue()],
  define: {
    __VUE_OPTIONS_API__: 'true',
    __VUE_PROD_DEVTOOLS__: 'false',
    __VUE_I18N_FULL_INSTALL__: 'false',
    __VUE_I18N_LEGACY_API__: 'false',
    __INTLIFY_PROD_DEVTOOLS__: 'false',
    __INTLIFY_JIT_COMPILATION__: 'true',
    __INTLIFY_DROP_MESSAGE_COMPILER__: 'false',
  },
  build: {
    outDir: '../out/renderer',
    emptyOutDir: true,
    // One style sheet. A browser drops requests under way whenever a network interface comes or goes, as each pod's does,
    // and a view whose own style sheet is lost that way would not open.
    cssCodeSplit: false,
    chunkSizeWarningLimit: 2000,
  },
})
