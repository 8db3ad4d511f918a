import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    // Most files wait for servers, timers and disks rather than for the processor. The limits are for a busy machine.
    maxWorkers: 4,
    projects: [
      {
        test: {
          name: 'node',
          include: ['test/**/*.test.ts'],
          exclude: ['test/edge/**'],
          globalSetup: ['test/support/global-services.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
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
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
})
