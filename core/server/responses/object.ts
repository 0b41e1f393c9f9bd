import type { KubeObject } from '../../api/meta.ts'
import { withNulls } from '../../api/null-fields.ts'
import type { Typed } from '../../registry/protobuf/encode-protobuf.ts'
import { stringifyYaml } from '../body/yaml.ts'
import type { Exchange } from '../exchange.ts'
import { isTrue } from '../request-info.ts'
import { protobufType, type AnswerForm } from './negotiation.ts'
import { respond } from './respond.ts'

/** Agents of people at a terminal, for whom upstream indents JSON unless told otherwise. */
const peopleAgents = /^(curl|Wget|Mozilla\/5\.0)/

/** Whether JSON answers are to be indented. */
export function wantsPretty(exchange: Exchange): boolean {
  const pretty = exchange.query.get('pretty')
  if (pretty !== null) return pretty === '' || isTrue(pretty)
  return peopleAgents.test(exchange.header('user-agent') ?? '')
}

/** Sends any JSON data, which are not objects of an API. */
async function respondJson(
  exchange: Exchange,
  answer: { code: number; data: unknown; headers?: Record<string, string>; typeParameters?: string },
): Promise<void> {
  const { data, typeParameters = '', ...rest } = answer
  const shown = typeof data === 'object' && data !== null ? withNulls(data) : data
  // Go's encoder ends a line; what is laid out for people has no end, as upstream.
  const body = wantsPretty(exchange) ? JSON.stringify(shown, null, 2) : `${JSON.stringify(shown)}\n`
  await respond(exchange, { ...rest, contentType: `application/json${typeParameters}`, body })
}

/** Sends an object, or a document such as a Status, in the negotiated format, whose media type may say more. */
export async function respondData(
  exchange: Exchange,
  form: AnswerForm,
  answer: { code: number; data: Typed; headers?: Record<string, string>; typeParameters?: string },
): Promise<void> {
  if (form.format === 'json') return respondJson(exchange, answer)
  const { data, typeParameters = '', ...rest } = answer
  if (exchange.audit?.wantsResponse) exchange.audit.responseObject(JSON.stringify(data))
  if (form.format === 'protobuf') {
    await respond(exchange, {
      ...rest,
      contentType: `${protobufType}${typeParameters}`,
      body: form.encoder.object(data),
    })
  } else
    await respond(exchange, {
      ...rest,
      contentType: `application/yaml${typeParameters}`,
      body: stringifyYaml(withNulls(data)),
    })
}

/** The JSON of an object, which is at hand where it is stored. */
export function jsonOf({ object, bytes }: { object: KubeObject; bytes: Uint8Array | undefined }): Uint8Array {
  return bytes ?? Buffer.from(JSON.stringify(withNulls(object)))
}

const lineFeed = 10

function asLine(json: Uint8Array): Uint8Array {
  const line = Buffer.allocUnsafe(json.length + 1)
  line.set(json)
  line[json.length] = lineFeed
  return line
}

/** Sends an object whose JSON may be at hand, re-serialising only when the client wants another form. */
export async function respondBytes(
  exchange: Exchange,
  form: AnswerForm,
  answer: { code: number; object: KubeObject; bytes: Uint8Array | undefined },
): Promise<void> {
  if (form.format === 'json' && !wantsPretty(exchange)) {
    await respond(exchange, {
      code: answer.code,
      contentType: 'application/json',
      body: asLine(jsonOf(answer)),
    })
  } else {
    await respondData(exchange, form, { code: answer.code, data: answer.object })
  }
}
