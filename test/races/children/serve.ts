// One of several servers over the same files: prints its port, and ends with the process that started it.
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { counter, sessionKey, union } from 'untorn'
import { sessions } from 'untorn/express'
import { fileStore } from 'untorn/file'
import { application } from '../application.ts'

const [directory] = process.argv.slice(2) as [string]
const library = { sessions, counter, union, sessionKey }
const app = application({ express, library, store: fileStore(directory, { sweepEvery: 0 }) })
const server = app.listen(0, '127.0.0.1')
await once(server, 'listening')
console.log((server.address() as AddressInfo).port)
process.stdin.resume().on('end', () => process.exit())
