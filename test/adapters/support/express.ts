import { createRequire } from 'node:module'
import express from 'express'

// Express 4 has no types of its own here; what these tests use of it is as in Express 5.
const express4 = createRequire(import.meta.url)('express4') as typeof express

export const expresses: Record<string, typeof express> = { 'Express 5': express, 'Express 4': express4 }
