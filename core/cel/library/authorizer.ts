import { CelError, CelOpaque } from '../values/value.ts'
import type { CelValue } from '../values/value.ts'
import { overload } from './overload.ts'
import type { Overload } from './overload.ts'

/** What an expression asks: may a user do this? */
export interface AuthorizationCheck {
  /** Instead of the request's user: a ServiceAccount. */
  serviceAccount?: { namespace: string; name: string }
  verb: string
  /** A check of a path has nothing else. */
  path?: string
  group?: string
  resource?: string
  subresource?: string
  namespace?: string
  name?: string
  fieldSelector?: string
  labelSelector?: string
}

/** The answer; `error` where it could not be found out. */
export interface AuthorizationDecision {
  isAllowed: boolean
  reason: string
  error?: string
}

/** Answers checks at once: evaluation does not wait. */
export type AnswerCheck = (check: AuthorizationCheck) => AuthorizationDecision

type Question = Omit<AuthorizationCheck, 'verb'>

abstract class Asking extends CelOpaque {
  readonly answer: AnswerCheck
  readonly question: Question
  constructor(answer: AnswerCheck, question: Question = {}) {
    super()
    this.answer = answer
    this.question = question
  }
  isEqualTo(other: CelOpaque): boolean {
    return other instanceof Asking && JSON.stringify(this.question) === JSON.stringify(other.question)
  }
}

/** The value of a variable `authorizer`. */
export class CelAuthorizer extends Asking {
  readonly typeName = 'kubernetes.authorization.Authorizer'
}
class PathCheck extends Asking {
  readonly typeName = 'kubernetes.authorization.PathCheck'
}
class GroupCheck extends Asking {
  readonly typeName = 'kubernetes.authorization.GroupCheck'
}
/** The value of a variable `authorizer.requestResource`. */
export class CelResourceCheck extends Asking {
  readonly typeName = 'kubernetes.authorization.ResourceCheck'
}
class Decision extends CelOpaque {
  readonly typeName = 'kubernetes.authorization.Decision'
  readonly decision: AuthorizationDecision
  constructor(decision: AuthorizationDecision) {
    super()
    this.decision = decision
  }
  isEqualTo(other: CelOpaque): boolean {
    return other instanceof Decision && this.decision.isAllowed === other.decision.isAllowed
  }
}

const ask = (check: Asking, verb: string): CelValue => new Decision(check.answer({ ...check.question, verb }))

function narrowed(
  field: 'subresource' | 'namespace' | 'name' | 'fieldSelector' | 'labelSelector',
): (check: CelResourceCheck, value: string) => CelValue {
  return (check, value) => new CelResourceCheck(check.answer, { ...check.question, [field]: value })
}

/** Checks of access (upstream: pkg/cel/library/authz.go). */
export const authorizerOverloads: Overload[] = [
  overload('authorizer_path', 'Authorizer.path(string) -> PathCheck', (from: CelAuthorizer, path: string) =>
    path.trim() === ''
      ? new CelError('path must not be empty')
      : new PathCheck(from.answer, { ...from.question, path }),
  ),
  overload(
    'authorizer_group',
    'Authorizer.group(string) -> GroupCheck',
    (from: CelAuthorizer, group: string) => new GroupCheck(from.answer, { ...from.question, group }),
  ),
  overload(
    'authorizer_serviceaccount',
    'Authorizer.serviceAccount(string, string) -> Authorizer',
    (from: CelAuthorizer, namespace: string, name: string) =>
      new CelAuthorizer(from.answer, { ...from.question, serviceAccount: { namespace, name } }),
  ),
  overload(
    'groupcheck_resource',
    'GroupCheck.resource(string) -> ResourceCheck',
    (from: GroupCheck, resource: string) => new CelResourceCheck(from.answer, { ...from.question, resource }),
  ),
  overload(
    'resourcecheck_subresource',
    'ResourceCheck.subresource(string) -> ResourceCheck',
    narrowed('subresource'),
  ),
  overload(
    'resourcecheck_namespace',
    'ResourceCheck.namespace(string) -> ResourceCheck',
    narrowed('namespace'),
  ),
  overload('resourcecheck_name', 'ResourceCheck.name(string) -> ResourceCheck', narrowed('name')),
  overload(
    'authorizer_fieldselector',
    'ResourceCheck.fieldSelector(string) -> ResourceCheck',
    narrowed('fieldSelector'),
  ),
  overload(
    'authorizer_labelselector',
    'ResourceCheck.labelSelector(string) -> ResourceCheck',
    narrowed('labelSelector'),
  ),
  overload('pathcheck_check', 'PathCheck.check(string) -> Decision', ask),
  overload('resourcecheck_check', 'ResourceCheck.check(string) -> Decision', ask),
  overload(
    'decision_errored',
    'Decision.errored() -> bool',
    ({ decision }: Decision) => decision.error !== undefined,
  ),
  overload('decision_error', 'Decision.error() -> string', ({ decision }: Decision) => decision.error ?? ''),
  overload('decision_allowed', 'Decision.allowed() -> bool', ({ decision }: Decision) => decision.isAllowed),
  overload('decision_reason', 'Decision.reason() -> string', ({ decision }: Decision) => decision.reason),
]
