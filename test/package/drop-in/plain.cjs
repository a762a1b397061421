// @ts-check
const session = require('untorn/express-session')

exports.handler = session({ secret: 'hush', store: new session.MemoryStore() })
/** @param {import('express').Request} req */
exports.name = (req) => req.session.user?.name.toUpperCase()
// @ts-expect-error: no secret
session({ resave: false })
