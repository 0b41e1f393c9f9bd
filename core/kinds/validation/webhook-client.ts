import type { ServiceReference, WebhookClientConfig } from '../../api/generated/admissionregistration-v1.ts'
import type { FieldError } from '../../api/status.ts'
import { invalidValue, required } from '../../api/field-errors.ts'
import { parseGoUrl } from './go-url.ts'
import { checkDns1123Subdomain, checkPortNumber } from './formats.ts'

const urlForm = '; desired format: https://host[/path]'

/** Where a webhook is called: at a URL or at a Service (upstream: apiserver/pkg/util/webhook). */
export function validateWebhookClient(config: WebhookClientConfig | undefined, path: string): FieldError[] {
  const { url, service } = config ?? {}
  if ((url === undefined) === (service === undefined)) {
    return [required(path, 'exactly one of url or service is required')]
  }
  return url === undefined ? validateService(service!, `${path}.service`) : validateUrl(url, `${path}.url`)
}

function validateUrl(text: string, path: string): FieldError[] {
  const url = parseGoUrl(text)
  if (typeof url === 'string') return [required(path, `url must be a valid URL: ${url}${urlForm}`)]
  const { scheme, host, user, fragment, query } = url
  const refuse = (value: string, why: string): FieldError => invalidValue(path, value, why)
  const errors: FieldError[] = []
  if (scheme !== 'https') errors.push(refuse(scheme, `'https' is the only allowed URL scheme${urlForm}`))
  if (host === '') errors.push(refuse(host, `host must be specified${urlForm}`))
  if (user !== undefined) errors.push(refuse(user, 'user information is not permitted in the URL'))
  if (fragment) errors.push(refuse(fragment, 'fragments are not permitted in the URL'))
  if (query) errors.push(refuse(query, 'query parameters are not permitted in the URL'))
  return errors
}

function validateService(
  { name, namespace, port, path: urlPath }: ServiceReference,
  path: string,
): FieldError[] {
  const errors: FieldError[] = []
  if (!name) errors.push(required(`${path}.name`))
  if (!namespace) errors.push(required(`${path}.namespace`))
  const [portProblem] = checkPortNumber(port ?? 443)
  if (portProblem) errors.push(invalidValue(`${path}.port`, port, `port is not valid: ${portProblem}`))
  if (!urlPath || urlPath === '/') return errors
  const refuse = (why: string): FieldError => invalidValue(`${path}.path`, urlPath, why)
  if (urlPath === '//') return [...errors, refuse('segment[0] may not be empty')]
  if (!urlPath.startsWith('/')) errors.push(refuse("must start with a '/'"))
  const segments = urlPath.slice(1).replace(/\/$/, '').split('/')
  for (const [at, segment] of segments.entries()) {
    const problems = segment === '' ? ['may not be empty'] : checkDns1123Subdomain(segment)
    const lead = segment === '' ? `segment[${at}]` : `segment[${at}]:`
    errors.push(...problems.map((problem) => refuse(`${lead} ${problem}`)))
  }
  return errors
}
