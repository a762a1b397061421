// One of several servers over the same sessions: prints its port, and ends with the process that started it.
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import express from 'express'
import pg from 'pg'
import { createClient } from 'redis'
import { counter, type SessionStore, sessionKey, union } from 'untorn'
import { sessions } from 'untorn/express'
import { fileStore } from 'untorn/file'
import { postgresStore } from 'untorn/postgres'
import { redisStore } from 'untorn/redis'
import { application } from '../application.ts'

const [place] = process.argv.slice(2) as [string]
const library = { sessions, counter, union, sessionKey }
const app = application({ express, library, store: await openStore(place) })
const server = app.listen(0, '127.0.0.1')
await once(server, 'listening')
console.log((server.address() as AddressInfo).port)
process.stdin.resume().on('end', () => process.exit())

/** @param place - a directory, or the URL of a server */
async function openStore(place: string): Promise<SessionStore> {
  if (place.startsWith('redis:')) {
    return redisStore({ client: await createClient({ url: place }).connect() })
  }
  if (place.startsWith('postgres:')) {
    const store = postgresStore({ pool: new pg.Pool({ connectionString: place }), sweepEvery: 0 })
    await store.createTable()
    return store
  }
  return fileStore(place, { sweepEvery: 0 })
}
