import { vitePreprocess } from '@sveltejs/vite-plugin-svelte';

export default {
  preprocess: vitePreprocess(),
  // The hash of a style's scope comes from the file's place in the project, never from the machine.
  compilerOptions: { cssHash: ({ hash, filename }) => `c-${hash(filename.replace(/^.*\/src\//, ''))}` },
};
