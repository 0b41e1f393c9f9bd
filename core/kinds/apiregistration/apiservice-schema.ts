import type { Schema } from '../../registry/schema/schema.ts'

const text: Schema = { type: 'string' }
const number: Schema = { type: 'integer', format: 'int32' }

/** The schema of APIService, which is no part of the generated data (kube-aggregator/pkg/apis/apiregistration/v1/types.go). */
export const apiServiceSchema: Schema = {
  type: 'object',
  description: 'APIService represents a server for a particular GroupVersion. Name must be "version.group".',
  properties: {
    spec: {
      type: 'object',
      description: 'Where the API server of this group version is, and its place among others.',
      required: ['groupPriorityMinimum', 'versionPriority'],
      properties: {
        service: {
          type: 'object',
          description: 'The Service in front of the API server; without one it is this server itself.',
          properties: { namespace: text, name: text, port: number },
        },
        group: text,
        version: text,
        insecureSkipTLSVerify: { type: 'boolean' },
        caBundle: { type: 'string', format: 'byte' },
        groupPriorityMinimum: number,
        versionPriority: number,
      },
    },
    status: {
      type: 'object',
      description: 'What is known about the API server.',
      properties: {
        conditions: {
          type: 'array',
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['type'],
          'x-kubernetes-patch-merge-key': 'type',
          'x-kubernetes-patch-strategy': 'merge',
          items: {
            type: 'object',
            required: ['type', 'status'],
            properties: {
              type: text,
              status: text,
              lastTransitionTime: { type: 'string', format: 'date-time' },
              reason: text,
              message: text,
            },
          },
        },
      },
    },
  },
}
