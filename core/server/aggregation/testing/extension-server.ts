import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { TLSSocket } from 'node:tls'
import { WebSocketServer } from 'ws'
import type { TestServer } from '../../testing/test-server.ts'

/** A small extension API server over HTTPS that believes the front proxy. */
export async function startExtension(test: TestServer): Promise<{ server: Server; seen: IncomingMessage[] }> {
  const names = { dnsNames: ['ext.default.svc'], ipAddresses: [] }
  const serving = await test.pki.ca.issue({ commonName: 'ext', ...names, usages: ['server'] })
  const seen: IncomingMessage[] = []
  const server = createServer(
    {
      cert: serving.certificate,
      key: serving.key,
      ca: test.pki.frontProxyCa.certificate,
      requestCert: true,
      rejectUnauthorized: false,
    },
    (request, response) => {
      seen.push(request)
      answer(request, response)
    },
  )
  new WebSocketServer({ server }).on('connection', (socket, request) => {
    socket.send(`${request.headers['x-remote-user']} ${request.url}`)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { server, seen }
}

/** Its definition of ObjectMeta is not ours, and one of its paths is nobody's business. */
const swagger = {
  swagger: '2.0',
  info: { title: 'ext', version: '1' },
  paths: {
    '/apis/ext.example.com/v1/things': {
      get: { responses: { 200: { description: 'OK', schema: { $ref: '#/definitions/com.example.Thing' } } } },
    },
    '/version': { get: { responses: { 200: { schema: { $ref: '#/definitions/com.example.Other' } } } } },
  },
  definitions: {
    'com.example.Thing': {
      type: 'object',
      properties: { metadata: { $ref: '#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta' } },
      'x-kubernetes-group-version-kind': [{ group: 'ext.example.com', version: 'v1', kind: 'Thing' }],
    },
    'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta': { type: 'object', description: 'theirs' },
    'com.example.Other': { type: 'object' },
  },
}

function answer(request: IncomingMessage, response: ServerResponse): void {
  const json = (data: object): void =>
    void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(data))
  const { url = '' } = request
  if (!(request.socket as TLSSocket).authorized) {
    response.writeHead(401).end()
    return
  }
  if (url === '/apis/ext.example.com/v1') {
    json({
      kind: 'APIResourceList',
      apiVersion: 'v1',
      groupVersion: 'ext.example.com/v1',
      resources: [
        {
          name: 'things',
          singularName: 'thing',
          namespaced: true,
          kind: 'Thing',
          verbs: ['get', 'list', 'watch'],
        },
        { name: 'things/log', singularName: '', namespaced: true, kind: 'Thing', verbs: ['get'] },
      ],
    })
  } else if (url === '/openapi/v3') {
    const serverRelativeURL = '/openapi/v3/apis/ext.example.com/v1?hash=ABC'
    json({ paths: { 'apis/ext.example.com/v1': { serverRelativeURL } } })
  } else if (url === '/openapi/v2') {
    json(swagger)
  } else if (url.startsWith('/openapi/v3/apis/ext.example.com/v1'))
    json({ openapi: '3.0.0', info: { title: 'ext' } })
  else if (url.includes('watch=true')) {
    response.writeHead(200, { 'content-type': 'application/json' })
    response.write('{"type":"ADDED","object":{"kind":"Thing"}}\n')
    setTimeout(() => response.end('{"type":"DELETED","object":{"kind":"Thing"}}\n'), 50)
  } else json({ kind: 'ThingList', headers: request.headers, url })
}
