import { defineConfig } from 'vitest/config';

export default defineConfig({
  esbuild: { jsx: 'automatic' },
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'logic',
          environment: 'node',
          include: ['src/__tests__/logic/**/*.test.ts'],
          isolate: false
        }
      },
      {
        extends: true,
        test: {
          name: 'views',
          environment: 'jsdom',
          include: ['src/__tests__/{model,components,plugins}/**/*.test.{ts,tsx}'],
          setupFiles: ['src/__tests__/setup.ts'],
          css: false
        }
      }
    ]
  }
});
