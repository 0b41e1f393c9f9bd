import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import vue from '@vitejs/plugin-vue'
import { findRequirements } from './test/tools/requirements.ts'

const found = findRequirements()
for (const note of found.notes) process.stderr.write(`${note}\n`)
/** A project whose needs are not met finds no files. */
const never = ['**/*']
/** Waits of tests end when what they wait for is there; a busy machine may need longer than Vitest's one second. */
const expectations = { poll: { timeout: 30_000, interval: 20 } }

export default defineConfig({
  test: {
    // Files of the unit tests mostly wait for each other's server: two at least, also on two cores.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    projects: [
      {
        test: {
          name: 'unit',
          environment: 'node',
          expect: expectations,
          include: ['core/**/*.test.ts', 'electron/**/*.test.ts', 'test/arch/**/*.test.ts'],
          exclude: ['**/*.docker.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        plugins: [vue()],
        test: {
          name: 'renderer',
          environment: 'jsdom',
          expect: expectations,
          include: ['renderer/**/*.test.ts'],
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'docker',
          environment: 'node',
          expect: expectations,
          include: ['core/**/*.docker.test.ts', 'test/docker/**/*.test.ts'],
          exclude: found.docker ? ['**/node_modules/**'] : never,
          fileParallelism: false,
          testTimeout: 240_000,
          hookTimeout: 240_000,
        },
      },
      {
        test: {
          name: 'api',
          environment: 'node',
          expect: expectations,
          include: ['test/api/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
      {
        test: {
          name: 'e2e',
          environment: 'node',
          expect: expectations,
          include: ['test/e2e/**/*.test.ts'],
          exclude: found.docker
            ? ['**/node_modules/**', ...(found.chromium ? [] : ['test/e2e/page*.test.ts'])]
            : never,
          fileParallelism: false,
          // A browser and a machine of unknown load: CI tries once more, and its report marks which (`retry x1`).
          retry: process.env['CI'] ? 1 : 0,
          testTimeout: 400_000,
          hookTimeout: 400_000,
        },
      },
    ],
  },
})
