import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { expect, it } from 'vitest'
import { createFrameStripper, splitFrames } from './demultiplex.ts'

function frame(stream: number, content: string): Buffer {
  const header = Buffer.alloc(8)
  header.writeUInt8(stream, 0)
  header.writeUInt32BE(Buffer.byteLength(content), 4)
  return Buffer.concat([header, Buffer.from(content)])
}

const bytes = Buffer.concat([frame(1, 'out1 '), frame(2, 'err '), frame(1, ''), frame(1, 'out2')])

it.each([1, 3, 8, 11, 100])('splits and strips frames that arrive %i bytes at a time', async (size) => {
  const source = new PassThrough()
  const { stdout, stderr } = splitFrames(source)
  const stripper = createFrameStripper()
  for (let at = 0; at < bytes.length; at += size) {
    source.write(bytes.subarray(at, at + size))
    stripper.write(bytes.subarray(at, at + size))
  }
  source.end()
  stripper.end()
  expect(await Promise.all([text(stdout), text(stderr), text(stripper)])).toEqual([
    'out1 out2',
    'err ',
    'out1 err out2',
  ])
})

it('waits for a slow reader instead of buffering without end', async () => {
  const source = new PassThrough()
  const { stdout, stderr } = splitFrames(source)
  let accepted = 0
  const chunk = frame(1, 'x'.repeat(64 * 1024))
  while (accepted < 200 && source.write(chunk)) {
    accepted++
    await new Promise((resolve) => setImmediate(resolve))
  }
  expect(accepted).toBeLessThan(20)
  source.end()
  const [all] = await Promise.all([text(stdout), text(stderr)])
  expect(all.length).toBe((accepted + 1) * 64 * 1024)
})
