import { Duplex } from 'node:stream'
import type { Readable } from 'node:stream'
import type Docker from 'dockerode'
import { splitFrames } from './demultiplex.ts'

/**
 * Runs netcat in the network namespace of process `target` and gives its input and output as one byte stream. Ending the
 * writable side ends the server's input and leaves the other direction open. Destroying the stream calls `kill` when
 * netcat still runs. A connection that fails after this resolves destroys the stream with netcat's message.
 */
export async function dialThroughExec(options: {
  docker: Docker
  containerId: string
  target: number
  port: number
  kill: (pid: number) => void
}): Promise<Duplex> {
  const { docker, containerId, target, port, kill } = options
  const exec = await docker.getContainer(containerId).exec({
    // The shell becomes nsenter and then nc: the id it prints stays the id of the process to kill.
    Cmd: ['/bin/sh', '-c', `echo $$ >&2; exec nsenter -t ${target} -n nc 127.0.0.1 ${port}`],
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
  })
  const socket = await exec.start({ hijack: true, stdin: true })
  const { stdout, stderr } = splitFrames(socket)
  let messages = ''
  const pid = await new Promise<number>((resolve, reject) => {
    stderr.on('data', (chunk: Buffer) => {
      messages += chunk.toString('utf8')
      const match = /^(\d+)\n/.exec(messages)
      if (match) resolve(Number(match[1]))
    })
    socket.once('error', reject)
    stderr.once('end', () => reject(new Error(messages.trim() || 'the connection process did not start')))
  })
  return asDuplex({ socket, stdout, onAbort: () => kill(pid), failure: () => failureIn(messages) })
}

/** What netcat or nsenter complained about, without the process id line. */
function failureIn(messages: string): string | undefined {
  const text = messages.replace(/^\d+\n/, '').trim()
  return text === '' ? undefined : text
}

function asDuplex(parts: {
  socket: Duplex
  stdout: Readable
  onAbort: () => void
  failure: () => string | undefined
}): Duplex {
  const { socket, stdout, onAbort, failure } = parts
  let ended = false
  const duplex = new Duplex({
    allowHalfOpen: true,
    read: () => void stdout.resume(),
    write(chunk, _encoding, done) {
      if (socket.write(chunk)) done()
      else onceDrained(socket, done)
    },
    final(done) {
      socket.end()
      done()
    },
    destroy(error, done) {
      socket.destroy()
      if (!ended) onAbort()
      done(error)
    },
  })
  stdout.on('data', (chunk: Buffer) => {
    if (!duplex.push(chunk)) stdout.pause()
  })
  stdout.once('end', () => {
    ended = true
    const message = failure()
    if (message !== undefined) duplex.destroy(new Error(message))
    else duplex.push(null)
    // The process is gone: nobody reads what is still written.
    if (!duplex.writableEnded) duplex.end()
  })
  socket.on('error', (error: Error) => duplex.destroy(error))
  // The connection may fail before its user has begun to listen; that must not end the process.
  duplex.on('error', () => undefined)
  return duplex
}

function onceDrained(socket: Duplex, done: () => void): void {
  const settle = (): void => {
    socket.off('drain', settle)
    socket.off('close', settle)
    done()
  }
  socket.once('drain', settle)
  socket.once('close', settle)
}
