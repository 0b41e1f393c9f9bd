import type { Namespace } from '../../api/generated/core-v1.ts'
import type { KubeObject } from '../../api/meta.ts'
import type { AdmissionAttributes } from '../../api/request.ts'
import { describeRequest } from '../dynamic/describe-request.ts'
import type { RequestAuthorizer } from './expression-authorizer.ts'

/** What expressions about a request are evaluated with beside its objects. */
export interface ExpressionContext {
  /** The request as it came. */
  requested: AdmissionAttributes
  authorizer: RequestAuthorizer
  params?: KubeObject | undefined
  namespace?: Namespace | undefined
}

/** The variables of expressions about a request, in the form that `view` shows it. */
export function expressionInputs(
  view: AdmissionAttributes,
  { requested, authorizer, params, namespace }: ExpressionContext,
): Record<string, unknown> {
  return {
    object: view.object ?? null,
    oldObject: view.oldObject ?? null,
    request: describeRequest(view, requested),
    params: params ?? null,
    namespaceObject: namespace ? shownNamespace(namespace) : null,
    ...authorizer.variables,
  }
}

function shownNamespace({ metadata, spec, status }: Namespace): object {
  return { metadata: { ...metadata, UID: metadata.uid }, spec: spec ?? {}, status: status ?? {} }
}
