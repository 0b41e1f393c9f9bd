import { randomInt } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { connect, isIPv6 } from 'node:net'
import type { Clock } from '../../util/clock.ts'
import { frameTcp, readTcpFrames } from './dns-tcp-frames.ts'

/** Sends questions that are not the cluster's to the host's resolvers. */
export interface DnsForwarder {
  /**
   * Passes a whole query on and gives back the whole answer, with the query's id. Asks one resolver after the other, twice round. Rejects when
   * none answers, at once when there is none.
   */
  forward(query: Buffer, transport: 'udp' | 'tcp'): Promise<Buffer>
}

const attemptTimeoutMs = 2000
const rounds = 2

/** A forwarder to `resolvers()`, addresses with or without a port (`1.1.1.1`, `1.1.1.1:53`, `[::1]:53`), asked at every query. */
export function createDnsForwarder(options: { resolvers: () => string[]; clock: Clock }): DnsForwarder {
  const { resolvers, clock } = options
  return {
    async forward(query, transport) {
      const servers = resolvers().map(parseServer)
      if (servers.length === 0) throw new Error('this machine has no DNS resolver')
      // An own id for each attempt: nobody but the resolver can know it.
      const ask = transport === 'udp' ? askByUdp : askByTcp
      let failure: unknown
      for (let round = 0; round < rounds; round++) {
        for (const server of servers) {
          const question = Buffer.from(query)
          question.writeUInt16BE(randomInt(0x10000), 0)
          try {
            const answer = Buffer.from(await ask(question, server, clock))
            query.copy(answer, 0, 0, 2)
            return answer
          } catch (error) {
            failure = error
          }
        }
      }
      throw failure
    },
  }
}

interface DnsServerAddress {
  host: string
  port: number
}

function parseServer(text: string): DnsServerAddress {
  const bracketed = /^\[(.+)\](?::(\d+))?$/.exec(text)
  if (bracketed?.[1]) return { host: bracketed[1], port: Number(bracketed[2] ?? 53) }
  const [host = '', port] = isIPv6(text) ? [text] : text.split(':')
  return { host, port: Number(port ?? 53) }
}

function askByUdp(question: Buffer, server: DnsServerAddress, clock: Clock): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    // A socket of its own: the kernel picks a fresh port, which makes forged answers hard.
    const socket = createSocket(isIPv6(server.host) ? 'udp6' : 'udp4')
    const timer = clock.after(attemptTimeoutMs, () => settle(timedOut(server)))
    const settle = (result: Buffer | Error): void => {
      timer[Symbol.dispose]()
      socket.removeAllListeners('error').on('error', () => undefined)
      socket.close()
      if (result instanceof Error) reject(result)
      else resolve(result)
    }
    socket.once('error', settle)
    socket.on('message', (answer) => {
      if (answersQuestion(answer, question)) settle(answer)
    })
    socket.connect(server.port, server.host, () => socket.send(question))
  })
}

function askByTcp(question: Buffer, server: DnsServerAddress, clock: Clock): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const socket = connect(server.port, server.host)
    const timer = clock.after(attemptTimeoutMs, () => settle(timedOut(server)))
    const settle = (result: Buffer | Error): void => {
      timer[Symbol.dispose]()
      socket.destroy()
      if (result instanceof Error) reject(result)
      else resolve(result)
    }
    socket.on('error', settle)
    socket.on('close', () => settle(new Error(`${server.host}: closed the connection`)))
    readTcpFrames(socket, (answer) => {
      if (answersQuestion(answer, question)) settle(answer)
    })
    socket.write(frameTcp(question))
  })
}

function answersQuestion(answer: Buffer, question: Buffer): boolean {
  return answer.length >= 12 && answer.readUInt16BE(0) === question.readUInt16BE(0)
}

function timedOut(server: DnsServerAddress): Error {
  return new Error(`${server.host}: no answer within ${attemptTimeoutMs / 1000} s`)
}
