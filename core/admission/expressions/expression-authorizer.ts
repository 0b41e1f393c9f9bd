import type { AdmissionAttributes, UserInfo } from '../../api/request.ts'
import type { AuthorizationCheck, AuthorizationDecision } from '../../cel/library/authorizer.ts'
import { CelAuthorizer, CelResourceCheck } from '../../cel/library/authorizer.ts'

/** Answers what an expression asks of its `authorizer`: whether a user may do something. */
export type ExpressionAuthorizer = (
  user: UserInfo,
  check: Omit<AuthorizationCheck, 'serviceAccount'>,
) => AuthorizationDecision | Promise<AuthorizationDecision>

/** An evaluation cannot go on before this is answered. */
class AwaitingAnswer extends Error {
  readonly answer: Promise<void>
  constructor(answer: Promise<void>) {
    super('an authorization check is not answered yet')
    this.answer = answer
  }
}

/** The authorizer of one request as its expressions see it; each question is asked once. */
export interface RequestAuthorizer {
  variables: { authorizer: CelAuthorizer; 'authorizer.requestResource': CelResourceCheck }
  /** Does work that evaluates expressions, from the start again after each answer that had to be waited for. */
  run<T>(work: () => T): T | Promise<T>
}

/** Answers for the expressions about one request: each question is put to the authorizer once. */
export function createRequestAuthorizer(
  authorize: ExpressionAuthorizer,
  { context, resource, subresource, namespace, name }: AdmissionAttributes,
): RequestAuthorizer {
  const known = new Map<string, AuthorizationDecision>()
  const answer = ({ serviceAccount, ...check }: AuthorizationCheck): AuthorizationDecision => {
    const key = JSON.stringify([serviceAccount, check])
    const settle = (decision: AuthorizationDecision): AuthorizationDecision => {
      known.set(key, decision)
      return decision
    }
    const found = known.get(key)
    if (found) return found
    const user = serviceAccount ? serviceAccountUser(serviceAccount) : context.user
    const decision = authorize(user, check)
    if (decision instanceof Promise) throw new AwaitingAnswer(decision.then((one) => void settle(one)))
    return settle(decision)
  }
  const question = {
    group: resource.group,
    resource: resource.resource,
    ...(subresource && { subresource }),
    ...(namespace && { namespace }),
    ...(name && { name }),
  }
  return {
    variables: {
      authorizer: new CelAuthorizer(answer),
      'authorizer.requestResource': new CelResourceCheck(answer, question),
    },
    run: (work) => runAgain(work),
  }
}

function runAgain<T>(work: () => T): T | Promise<T> {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof AwaitingAnswer)) throw error
    return error.answer.then(() => runAgain(work))
  }
}

function serviceAccountUser({ namespace, name }: { namespace: string; name: string }): UserInfo {
  return {
    name: `system:serviceaccount:${namespace}:${name}`,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`],
  }
}
