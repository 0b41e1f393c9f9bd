import { AUTHORITATIVE_ANSWER, decode, encode, RECURSION_AVAILABLE, TRUNCATED_RESPONSE } from 'dns-packet'
import type { Answer, DecodedPacket, Packet, Question } from 'dns-packet'
import type { DnsForwarder } from './dns-forwarder.ts'
import { lookUp, startOfAuthority } from './dns-records.ts'
import type { ClusterZone } from './dns-records.ts'

const rcodes = { noError: 0, formatError: 1, serverFailure: 2, nameError: 3, notImplemented: 4 } as const
type Rcode = (typeof rcodes)[keyof typeof rcodes]

/** Largest UDP answer to a client without EDNS (RFC 1035), and ours to one with it (DNS flag day 2020). */
const plainUdpBytes = 512
const maxUdpBytes = 1232

interface Reply {
  rcode: Rcode
  authoritative: boolean
  answers: Answer[]
  authorities: Answer[]
  additionals: Answer[]
}

/**
 * Turns a query into the answer to send, or undefined where silence is right (not a DNS query). Cluster names are answered from the
 * zone, all others by the forwarder; SERVFAIL when that fails. UDP answers that do not fit are cut and marked truncated.
 */
export async function respond(
  query: Buffer,
  transport: 'udp' | 'tcp',
  context: { zone: ClusterZone; forwarder: DnsForwarder },
): Promise<Buffer | undefined> {
  // A header, and not itself an answer: two servers must never talk to each other without end.
  if (query.length < 12 || (query.readUInt8(2) & 0x80) !== 0) return undefined
  if ((query.readUInt8(2) & 0x78) !== 0) return bareReply(query, rcodes.notImplemented)
  const request = tryDecode(query)
  if (!request) return bareReply(query, rcodes.formatError)
  const question = request.questions?.[0]
  if (!question || request.questions?.length !== 1) return bareReply(query, rcodes.formatError)
  const { zone, forwarder } = context
  try {
    const reply = question.class === 'IN' ? await answer(question, { zone, forwarder, transport }) : undefined
    if (reply) return encodeReply({ request, question, reply, transport })
    return await forwarder.forward(query, transport)
  } catch {
    return encodeReply({ request, question, reply: failed(), transport })
  }
}

/** The reply from the cluster's zone; undefined when the query is to be forwarded as it is. */
async function answer(
  question: Question,
  context: { zone: ClusterZone; forwarder: DnsForwarder; transport: 'udp' | 'tcp' },
): Promise<Reply | undefined> {
  const { zone } = context
  const found = lookUp(zone, question.name, question.type)
  const authorities = [startOfAuthority(zone)]
  const reply = { rcode: rcodes.noError, authoritative: true, answers: [], authorities: [], additionals: [] }
  switch (found.kind) {
    case 'forward':
      return undefined
    case 'missing':
      return { ...reply, rcode: rcodes.nameError, authorities }
    case 'empty':
      return { ...reply, authorities }
    case 'records':
      return { ...reply, answers: found.answers, additionals: found.additionals }
    case 'alias':
      return {
        ...reply,
        answers: [found.answer, ...(await followAlias(found.target, question, context))],
      }
  }
}

/** Simple resolvers in containers do not look the target of a CNAME up themselves, so the answer carries its addresses. */
async function followAlias(
  target: string,
  question: Question,
  context: { zone: ClusterZone; forwarder: DnsForwarder; transport: 'udp' | 'tcp' },
): Promise<Answer[]> {
  if (question.type !== 'A' && question.type !== 'AAAA') return []
  const found = lookUp(context.zone, target, question.type)
  if (found.kind === 'records') return found.answers
  // An alias of an alias stays unresolved: the two may point at each other.
  if (found.kind !== 'forward') return []
  const query = encode({
    type: 'query',
    id: 0,
    flags: 0x100,
    questions: [{ name: target, type: question.type, class: 'IN' }],
  })
  try {
    return decode(await context.forwarder.forward(query, context.transport)).answers ?? []
  } catch {
    // The alias itself is still a true answer.
    return []
  }
}

function encodeReply(parts: {
  request: DecodedPacket
  question: Question
  reply: Reply
  transport: 'udp' | 'tcp'
}): Buffer {
  const { request, question, reply, transport } = parts
  const edns = request.additionals?.find((record) => record.type === 'OPT')
  const recursionDesired = request.flag_rd ? 0x100 : 0
  const flags =
    reply.rcode | RECURSION_AVAILABLE | recursionDesired | (reply.authoritative ? AUTHORITATIVE_ANSWER : 0)
  const options: Answer[] = edns
    ? [
        {
          type: 'OPT',
          name: '.',
          udpPayloadSize: maxUdpBytes,
          flags: 0,
          options: [],
          extendedRcode: 0,
          ednsVersion: 0,
          flag_do: false,
        },
      ]
    : []
  const packet: Packet = {
    type: 'response',
    id: request.id ?? 0,
    flags,
    questions: [question],
    answers: reply.answers,
    authorities: reply.authorities,
    additionals: [...reply.additionals, ...options],
  }
  const whole = encode(packet)
  if (transport === 'tcp') return whole
  const limit =
    edns?.type === 'OPT' ? Math.min(Math.max(edns.udpPayloadSize, plainUdpBytes), maxUdpBytes) : plainUdpBytes
  if (whole.length <= limit) return whole
  const withoutExtras = encode({ ...packet, additionals: options })
  if (withoutExtras.length <= limit) return withoutExtras
  return encode({
    ...packet,
    flags: flags | TRUNCATED_RESPONSE,
    answers: [],
    authorities: [],
    additionals: options,
  })
}

function failed(): Reply {
  return {
    rcode: rcodes.serverFailure,
    authoritative: false,
    answers: [],
    authorities: [],
    additionals: [],
  }
}

/** A header alone, for queries that cannot be read. */
function bareReply(query: Buffer, rcode: Rcode): Buffer {
  const header = Buffer.alloc(12)
  query.copy(header, 0, 0, 2)
  header.writeUInt16BE(0x8000 | (query.readUInt16BE(2) & 0x7900) | RECURSION_AVAILABLE | rcode, 2)
  return header
}

function tryDecode(query: Buffer): DecodedPacket | undefined {
  try {
    return decode(query)
  } catch {
    return undefined
  }
}
