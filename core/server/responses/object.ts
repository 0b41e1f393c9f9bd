import type { KubeObject } from '../../api/meta.ts'
import { stringifyYaml } from '../body/yaml.ts'
import type { Exchange } from '../exchange.ts'
import { isTrue } from '../request-info.ts'
import type { Negotiated } from './negotiation.ts'
import { respond } from './respond.ts'

/** Agents of people at a terminal, for whom upstream indents JSON unless told otherwise. */
const peopleAgents = /^(curl|Wget|Mozilla\/5\.0)/

/** Whether JSON answers are to be indented. */
export function wantsPretty(exchange: Exchange): boolean {
  const pretty = exchange.query.get('pretty')
  if (pretty !== null) return pretty === '' || isTrue(pretty)
  return peopleAgents.test(exchange.header('user-agent') ?? '')
}

/** Sends any JSON data in the negotiated format. */
export async function respondData(
  exchange: Exchange,
  negotiated: Negotiated,
  answer: { code: number; data: unknown },
): Promise<void> {
  const { code, data } = answer
  if (negotiated.format === 'yaml') {
    if (exchange.audit?.wantsResponse) exchange.audit.responseObject(JSON.stringify(data))
    await respond(exchange, { code, contentType: 'application/yaml', body: stringifyYaml(data) })
    return
  }
  const body = wantsPretty(exchange) ? JSON.stringify(data, null, 2) : JSON.stringify(data)
  await respond(exchange, { code, contentType: 'application/json', body: `${body}\n` })
}

/** Sends an object whose JSON is at hand, re-serialising only when the client wants another form. */
export async function respondBytes(
  exchange: Exchange,
  negotiated: Negotiated,
  answer: { code: number; object: KubeObject; bytes: Uint8Array },
): Promise<void> {
  if (negotiated.format === 'json' && !wantsPretty(exchange)) {
    await respond(exchange, { code: answer.code, contentType: 'application/json', body: answer.bytes })
  } else {
    await respondData(exchange, negotiated, { code: answer.code, data: answer.object })
  }
}
