import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'node',
          include: ['test/**/*.test.ts'],
          exclude: ['test/edge/**'],
          globalSetup: ['test/support/global-services.ts'],
          testTimeout: 20_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'edge',
          include: ['test/edge/**/*.test.ts', 'test/http/**/*.test.ts'],
          // What is about a process of Node: see docs/edge.md.
          exclude: ['test/http/**/*.node.test.ts', 'test/http/live-config.test.ts'],
          env: { TEST_RUNTIME: 'workerd' },
          globalSetup: ['test/support/global-services.ts', 'test/edge/bundle.ts'],
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
})
