// Builds the console into the Python package: fixed names, no source maps, the same bytes from the
// same sources, since CI builds it again and compares.
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig, loadEnv } from 'vite';

// CLEARLINE_CONSOLE_OUT: another folder to build into. CLEARLINE_NODE: for work on the page (npm run
// dev), the address of a running node that answers what the page asks.
const env = loadEnv('', '.', 'CLEARLINE_');

export default defineConfig({
  base: '/console/',
  plugins: [svelte({ compilerOptions: { dev: false } })],
  build: {
    outDir: env.CLEARLINE_CONSOLE_OUT ?? '../src/clearline/console/static',
    emptyOutDir: true,
    sourcemap: false,
    target: 'es2022',
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 2000,
    rolldownOptions: {
      output: {
        entryFileNames: 'assets/app.js',
        chunkFileNames: 'assets/[name].js',
        assetFileNames: (asset) =>
          asset.names.some((name) => name.endsWith('.css'))
            ? 'assets/app.css'
            : 'assets/[name][extname]',
        codeSplitting: false,
      },
    },
  },
  server:
    env.CLEARLINE_NODE === undefined
      ? {}
      : { proxy: { '/v1': { target: env.CLEARLINE_NODE, changeOrigin: true } } },
});
