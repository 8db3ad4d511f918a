import { describe, expect, it } from 'vitest'
import { parseRedisUrl } from '../../../src/adapters/redis/address.ts'

describe('the address of Redis', () => {
  it.each([
    ['redis://localhost', { kind: 'single', node: { host: 'localhost', port: 6379 }, db: 0, tls: false }],
    [
      'redis://10.0.0.1:7000/3',
      { kind: 'single', node: { host: '10.0.0.1', port: 7000 }, db: 3, tls: false },
    ],
    ['redis://[::1]:7000', { kind: 'single', node: { host: '::1', port: 7000 }, db: 0, tls: false }],
    [
      'rediss://app:p%40ss@cache.example:6380/1',
      {
        kind: 'single',
        node: { host: 'cache.example', port: 6380 },
        db: 1,
        tls: true,
        username: 'app',
        password: 'p@ss',
      },
    ],
    [
      'redis://:secret@h',
      { kind: 'single', node: { host: 'h', port: 6379 }, db: 0, tls: false, password: 'secret' },
    ],
    [
      'redis-sentinel://a,b:26380/main/2',
      {
        kind: 'sentinel',
        sentinels: [
          { host: 'a', port: 26379 },
          { host: 'b', port: 26380 },
        ],
        master: 'main',
        db: 2,
        tls: false,
      },
    ],
    [
      'rediss-cluster://u:p@a:1,b:2,c:3/',
      {
        kind: 'cluster',
        nodes: [
          { host: 'a', port: 1 },
          { host: 'b', port: 2 },
          { host: 'c', port: 3 },
        ],
        tls: true,
        username: 'u',
        password: 'p',
      },
    ],
  ])('%s', (url, address) => {
    expect(parseRedisUrl(url)).toEqual(address)
  })

  it.each([
    '',
    'localhost:6379',
    'http://localhost',
    'redis://',
    'redis://a,b',
    'redis://h:0',
    'redis://h:70000',
    'redis://h/one',
    'redis://h/1/2',
    'redis://:topsecret@h:port',
    'redis-sentinel://a:1',
    'redis-cluster://:topsecret@a:1/2',
    `redis-cluster://${Array.from({ length: 33 }, (_, n) => `h${n}`).join(',')}`,
  ])('%j cannot be read, and the error keeps the password to itself', url => {
    expect(() => parseRedisUrl(url)).toThrow(/^REDIS_URL cannot be read/)
    expect(() => parseRedisUrl(url)).not.toThrow('topsecret')
  })
})
