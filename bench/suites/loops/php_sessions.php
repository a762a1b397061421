<?php
// Whole loops of PHP's own file sessions: a line `load 100` is answered with the microseconds that 100 of them took.

[, $directory, $sample] = $argv;
$sample = json_decode($sample, true);

// As php.ini-production and the manual advise, but for what sends headers: there is no response here.
ini_set('session.save_handler', 'files');
ini_set('session.save_path', $directory);
ini_set('session.use_strict_mode', '1');
ini_set('session.gc_probability', '0');
ini_set('session.use_cookies', '0');
ini_set('session.cache_limiter', '');

session_start();
$id = session_id();
foreach ($sample['values'] as $name => $value) {
    $_SESSION[$name] = $value;
}
session_write_close();

function load(string $id, array $sample, int $turn): void
{
    session_id($id);
    session_start(['read_and_close' => true]);
    if ($_SESSION['user'] !== $sample['values']['user']) {
        exit("The session is lost.\n");
    }
}

function load_and_save(string $id, array $sample, int $turn): void
{
    session_id($id);
    session_start();
    $_SESSION['token'] = $sample['tokens'][$turn % 2];
    session_write_close();
}

$loops = ['load' => 'load', 'load+save' => 'load_and_save'];

while (($line = fgets(STDIN)) !== false) {
    [$name, $count] = explode(' ', trim($line));
    $loop = $loops[$name];
    $started = hrtime(true);
    for ($turn = 0; $turn < $count; $turn++) {
        $loop($id, $sample, $turn);
    }
    // Past PHP's own output, which would end the time for headers, and with it for sessions.
    fwrite(STDOUT, (hrtime(true) - $started) / 1000 . "\n");
}
