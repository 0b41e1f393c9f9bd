import type { MatchResources, ParamRef } from '../../api/generated/admissionregistration-v1.ts'
import type { FieldError } from '../../api/status.ts'
import { pathSegmentProblems } from '../../api/names.ts'
import { forbiddenField, invalidFor, notSupported, required } from '../../api/field-errors.ts'
import { checkDns1123Subdomain } from '../validation/formats.ts'
import { validateLabelSelector } from '../validation/label-selector.ts'
import { validateMatchResources } from './match-resources.ts'

const notFoundActions = ['Allow', 'Deny']

/** What the bindings of both kinds of policy have in common (upstream: validateValidatingAdmissionPolicyBindingSpec). */
export function validateBinding(
  spec: { policyName?: string; paramRef?: ParamRef; matchResources?: MatchResources },
  path: string,
): FieldError[] {
  const { policyName, paramRef } = spec
  const errors = policyName
    ? invalidFor(`${path}.policyName`, policyName, checkDns1123Subdomain(policyName))
    : [required(`${path}.policyName`)]
  if (paramRef) errors.push(...validateParamRef(paramRef, `${path}.paramRef`))
  return [...errors, ...validateMatchResources(spec.matchResources, `${path}.matchResources`)]
}

function validateParamRef(
  { name, selector, parameterNotFoundAction: action }: ParamRef,
  path: string,
): FieldError[] {
  const errors: FieldError[] = []
  if (name && selector) {
    errors.push(forbiddenField(`${path}.name`, 'name and selector are mutually exclusive'))
  } else if (!name && !selector) {
    errors.push(required(path, 'one of name or selector must be specified'))
  } else if (name) errors.push(...invalidFor(`${path}.name`, name, pathSegmentProblems(name)))
  errors.push(...validateLabelSelector(selector, `${path}.selector`))
  if (action === undefined) errors.push(required(`${path}.parameterNotFoundAction`))
  else if (!notFoundActions.includes(action)) {
    errors.push(notSupported(`${path}.parameterNotFoundAction`, action, ['Deny', 'Allow']))
  }
  return errors
}
