// @ts-check
// What is made from sources and not committed: the Prisma client and the console's production build.
import { existsSync } from 'node:fs'
import path from 'node:path'
import { findNode } from './packages.mjs'
import { root, run, step } from './run.mjs'
import { fingerprint, isDone, markDone } from './stamp.mjs'

/**
 * @typedef {object} Product
 * @property {() => boolean} isFresh
 * @property {() => Promise<void>} make
 */

/**
 * @param {{ what: string, usually: string, stamp: string, inputs: readonly string[], needs: string,
 *   args: readonly string[], env: Record<string, string> }} recipe `needs` is the input without which there is nothing to make
 * @returns {Product}
 */
function product({ what, usually, stamp, inputs, needs, args, env }) {
  const stampFile = path.join(root, stamp)
  const wanted = existsSync(path.join(root, needs))
  return {
    isFresh: () => !wanted || isDone(stampFile, fingerprint(root, inputs)),
    make: () =>
      step(what, usually, async () => {
        const before = fingerprint(root, inputs) // an edit during the work must count as new
        await run(findNode(), args, env)
        markDone(stampFile, before)
      }),
  }
}

export const prismaClient = product({
  what: 'Prisma client',
  usually: '2 s',
  stamp: 'server/db/generated/.stamp',
  inputs: ['prisma/schema.prisma', 'prisma.config.ts', 'package-lock.json'],
  needs: 'prisma/schema.prisma',
  args: ['node_modules/prisma/build/index.js', 'generate'],
  // The engine binary is not needed for this, and would be downloaded.
  env: { PRISMA_SCHEMA_ENGINE_BINARY: '/bin/true', CHECKPOINT_DISABLE: '1', PRISMA_HIDE_UPDATE_MESSAGE: '1' },
})

export const consoleBuild = product({
  what: 'console (next build)',
  usually: '15 s',
  stamp: '.next/fado.stamp',
  inputs: [
    'app',
    'graphql/operations',
    'graphql/generated',
    'server/byte-words.ts',
    'next.config.mjs',
    'postcss.config.mjs',
    'tsconfig.json',
    'package-lock.json',
  ],
  needs: 'app/layout.tsx',
  args: ['node_modules/next/dist/bin/next', 'build'],
  env: { NEXT_TELEMETRY_DISABLED: '1', NODE_ENV: 'production' },
})
