import type { Authorizer } from './authorizer.ts'

/** Asks each in turn; the first that allows decides. The reasons of all that did not are joined, a line each. */
export function createUnionAuthorizer(authorizers: readonly Authorizer[]): Authorizer {
  return {
    async authorize(attributes) {
      const reasons: string[] = []
      for (const authorizer of authorizers) {
        const answer = authorizer.authorize(attributes)
        // Nearly all answer at once; a turn of the event loop is spared them.
        const decision = answer instanceof Promise ? await answer : answer
        if (decision.allowed) return decision
        if (decision.reason) reasons.push(decision.reason)
      }
      return reasons.length > 0 ? { allowed: false, reason: reasons.join('\n') } : { allowed: false }
    },
  }
}
