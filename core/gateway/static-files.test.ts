import { writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { systemClock } from '../util/clock.ts'
import { silentLogger } from '../util/logger.ts'
import { createGateway } from './gateway.ts'
import { useGateway } from './testing/use-gateway.ts'

const under = useGateway()

describe('static files', () => {
  it('serves files with their types, hashed ones to be kept, and the page for its routes', async () => {
    const script = await under.ask('/assets/app-Ab12Cd34.js', { headers: under.bearer() })
    expect(script.headers['content-type']).toContain('text/javascript')
    expect(script.headers['cache-control']).toContain('immutable')
    const again = await under.ask('/assets/app-Ab12Cd34.js', {
      headers: { ...under.bearer(), 'if-none-match': String(script.headers.etag) },
    })
    expect(again.code).toBe(304)
    expect((await under.ask('/c/local/pods', { headers: under.bearer() })).body).toContain(
      '<title>page</title>',
    )
    expect((await under.ask('/missing.js', { headers: under.bearer() })).code).toBe(404)
  })

  it.each([
    '/../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/assets/..%5c..%5csecret.txt',
    '/.env',
    '/%00.txt',
  ])('gives nothing outside the page for %s', async (path) => {
    const answer = await under.ask(path, { headers: under.bearer() })
    expect(answer.code).toBe(404)
    expect(answer.body).not.toContain('secret\n')
  })

  it('takes a reader that leaves for no failure of its own', async () => {
    const failures: string[] = []
    const log = { ...silentLogger, error: (message: string) => void failures.push(message) }
    writeFileSync(join(under.pages, 'large.txt'), 'x'.repeat(20_000_000))
    const options = {
      clusters: [],
      staticDirectory: under.pages,
      preferencesFile: under.preferencesFile,
      clock: systemClock,
      port: 0,
    }
    const other = await createGateway({ ...options, log })
    await new Promise<void>((resolve) => {
      const headers = { authorization: `Bearer ${other.token}` }
      const left = request({ host: '127.0.0.1', port: other.port, path: '/large.txt', headers }, (answer) => {
        answer.once('data', () => left.destroy())
        answer.once('close', resolve)
        answer.on('error', () => undefined)
      })
      left.on('error', () => undefined)
      left.end()
    })
    // Answered after the one that was left.
    await fetch(`http://127.0.0.1:${other.port}/`, { headers: { authorization: `Bearer ${other.token}` } })
    await other.close()
    expect(failures).toEqual([])
  })

  it('says how to build a page that is not there', async () => {
    const other = await createGateway({
      clusters: [],
      staticDirectory: join(under.directory, 'nowhere'),
      port: under.gateway.port,
      preferencesFile: under.preferencesFile,
      clock: systemClock,
      log: silentLogger,
    })
    expect(other.port).not.toBe(under.gateway.port)
    const answer = await fetch(`http://127.0.0.1:${other.port}/`, {
      headers: { authorization: `Bearer ${other.token}` },
    })
    expect(answer.status).toBe(503)
    expect(await answer.text()).toContain('npm run build')
    await other.close()
  })
})
