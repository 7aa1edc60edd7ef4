from tools.impulses.kept import main

raise SystemExit(main())
