import { timingSafeEqual } from 'node:crypto'
import {
  bootstrapTokenGroups,
  bootstrapTokenNamespace,
  bootstrapTokenPrefix,
  usableBootstrapToken,
} from '../../util/bootstrap-token.ts'
import type { Secret } from '../../api/generated/core-v1.ts'
import type { Clock } from '../../util/clock.ts'
import type { TokenAuthenticator } from './authenticator.ts'

const tokenForm = /^([a-z0-9]{6})\.([a-z0-9]{16})$/

/**
 * Tokens by which nodes join: those of the Secrets `bootstrap-token-<id>` in kube-system, `system:bootstrap:<id>` to the
 * API server (upstream: plugin/pkg/auth/authenticator/token/bootstrap). `find` reads such a Secret.
 */
export function createBootstrapTokens(options: {
  find: (namespace: string, name: string) => Promise<Secret | undefined>
  clock: Clock
}): TokenAuthenticator {
  return {
    async authenticateToken(token) {
      const parts = tokenForm.exec(token)
      if (!parts) return undefined
      const [, id = '', secret = ''] = parts
      const object = await options.find(bootstrapTokenNamespace, bootstrapTokenPrefix + id)
      const known = object && usableBootstrapToken(object, 'authentication', options.clock.now())
      if (known?.id !== id || !isSame(known.secret, secret)) return undefined
      const groups = bootstrapTokenGroups(object!)
      return groups && { name: `system:bootstrap:${id}`, groups }
    },
  }
}

function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)]
  return a.length === b.length && timingSafeEqual(a, b)
}
